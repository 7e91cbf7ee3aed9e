// Reading on by itself: word for word at first, then faster; in few stills where motion is not wanted.
const WORDS_A_SECOND = 3;
const GROWTH = 0.9; // of the text, each second
const STILL = 750; // milliseconds
const STILLS = [10, 30, 100, 300, 1000, 2000];

/**
 * A player of a text that grows. `get()` is the number of words now, `put(words)` shows more,
 * `longest` ends it, and `changed()` hears that it has started or stopped. It gives up when
 * somebody else has changed the number of words.
 */
export function player({ get, put, longest, changed }) {
  const quiet = matchMedia("(prefers-reduced-motion: reduce)");
  let frame = 0,
    timer = 0,
    last = 0,
    exact = 0;
  const isPlaying = () => frame > 0 || timer > 0;

  function stop() {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    frame = timer = 0;
  }
  function wait() {
    if (quiet.matches) timer = setTimeout(tick, STILL, null);
    else frame = requestAnimationFrame(tick);
  }
  function tick(now) {
    const before = get();
    frame = timer = 0;
    if (before !== Math.floor(exact)) return changed();
    if (now === null) exact = STILLS.find((words) => words > before) ?? longest;
    else {
      exact += (Math.min(100, now - (last || now)) / 1000) * Math.max(WORDS_A_SECOND, GROWTH * exact);
      last = now;
    }
    exact = Math.min(exact, longest);
    if (exact < longest) wait();
    else changed();
    if (Math.floor(exact) > before) put(Math.floor(exact));
  }
  function toggle() {
    if (isPlaying()) stop();
    else {
      if (get() >= longest) put(1);
      exact = get();
      last = 0;
      wait();
    }
    changed();
  }
  return { isPlaying, toggle, stop };
}
