/** Parses large JSON off the main thread. */
self.addEventListener("message", (event: MessageEvent<{ id: number; text: string }>) => {
  const { id, text } = event.data;
  try {
    self.postMessage({ id, value: JSON.parse(text) });
  } catch (error) {
    self.postMessage({ id, error: String(error) });
  }
});
