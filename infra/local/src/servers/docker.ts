import { outputOf } from '../processes/run-tool.ts';

/** Whether a Docker engine answers within a few seconds. */
export async function dockerAnswers(): Promise<boolean> {
  const version = await outputOf('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: 5000 });
  return version !== undefined && version.trim() !== '';
}

/** Whether a container of this image can be started; pulls the image if the engine does not have it. */
export async function dockerHasImage(image: string, onProgress: (message: string) => void): Promise<boolean> {
  if (!(await dockerAnswers())) return false;
  if ((await outputOf('docker', ['image', 'inspect', image], { timeout: 10_000 })) !== undefined) return true;
  onProgress(`Pulling the Docker image ${image} …`);
  return (await outputOf('docker', ['pull', '--quiet', image], { timeout: 300_000 })) !== undefined;
}
