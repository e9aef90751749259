// Ticks from a worker, since a page in the background gets only one timer a second.
const EVERY_MS = 25;
let timer: ReturnType<typeof setInterval> | undefined;

self.onmessage = (message: MessageEvent<boolean>) => {
  clearInterval(timer);
  timer = message.data ? setInterval(() => self.postMessage(null), EVERY_MS) : undefined;
};

export {};
