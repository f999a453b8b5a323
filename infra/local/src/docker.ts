import { outputOf } from './processes.ts';

/** Whether a Docker engine answers within a few seconds. */
export async function dockerAnswers(): Promise<boolean> {
  const version = await outputOf('docker', ['version', '--format', '{{.Server.Version}}'], {
    timeoutMs: 5000,
  });
  return version !== undefined && version.trim() !== '';
}

/** Whether a container of this image can be started; pulls the image when the engine does not have it. */
export async function dockerHasImage(image: string, onProgress: (message: string) => void): Promise<boolean> {
  if (!(await dockerAnswers())) return false;
  if ((await outputOf('docker', ['image', 'inspect', image], { timeoutMs: 10_000 })) !== undefined)
    return true;
  onProgress(`Pulling the Docker image ${image} …`);
  return (await outputOf('docker', ['pull', '--quiet', image], { timeoutMs: 300_000 })) !== undefined;
}
