// Asks again and again, but only while somebody looks.

/** Await look() every so many milliseconds while the element is on the screen and the page is not hidden. */
export function pollWhileSeen(element, every_ms, look) {
  let isSeen = false, timer = null, isBusy = false;
  const turn = async () => {
    timer = null;
    if (isBusy || !isSeen || document.hidden) return;
    isBusy = true;
    await look().finally(() => { isBusy = false; });
    timer ??= setTimeout(turn, every_ms);
  };
  const wake = () => {
    if (timer === null) turn();
  };
  new IntersectionObserver(([{ isIntersecting }]) => {
    isSeen = isIntersecting;
    wake();
  }).observe(element);
  document.addEventListener("visibilitychange", wake);
}
