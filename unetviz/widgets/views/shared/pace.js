// How often something is done while the pointer moves.

/**
 * Do something at the next frame, however often it is asked for before.
 * @param {() => void} act
 */
export function onceAFrame(act) {
  let frame = 0;
  const run = () => {
    frame = 0;
    act();
  };
  return {
    ask() {
      frame ||= requestAnimationFrame(run);
    },
    /** Do what waits for its frame. */
    finish() {
      if (!frame) return;
      cancelAnimationFrame(frame);
      run();
    },
    cancel() {
      cancelAnimationFrame(frame);
      frame = 0;
    },
  };
}

/**
 * Do something at once, then at most every `wait` milliseconds; what was asked for last is done.
 * @param {number} wait
 * @param {() => void} act
 */
export function atMostEvery(wait, act) {
  let timer = 0;
  let isAsked = false;
  const run = () => {
    isAsked = false;
    timer = setTimeout(next, wait);
    act();
  };
  const next = () => {
    timer = 0;
    if (isAsked) run();
  };
  const finish = () => {
    clearTimeout(timer);
    next();
  };
  return {
    ask() {
      isAsked = true;
      if (!timer) run();
    },
    /** Do what waits for its time. */
    finish,
    cancel() {
      isAsked = false;
      finish();
    },
  };
}
