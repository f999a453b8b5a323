// For HEALTHCHECK: exits with 0 when the service in this container says that it is ready.
try {
  const url = `http://127.0.0.1:${process.env.PORT}/health/ready`;
  const { ok, status } = await fetch(url, { signal: AbortSignal.timeout(3_000) });
  if (!ok) console.error(`/health/ready answers ${status}`);
  process.exitCode = ok ? 0 : 1;
} catch (error) {
  console.error(String(error.cause ?? error));
  process.exitCode = 1;
}
