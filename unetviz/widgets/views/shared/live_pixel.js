// The pixel under the pointer, from an image to the drawings beside it: sixty times a second, where
// the kernel hears of it a few times. Views that belong together have one channel.
/** @import { Pixel } from "./types" */

const EVENT = "unetviz-pixel";

/**
 * @param {string} channel
 * @param {Pixel} pixel
 */
export function announce(channel, pixel) {
  document.dispatchEvent(new CustomEvent(EVENT, { detail: { channel, pixel } }));
}

/**
 * Listen; returns what ends it.
 * @param {() => string} channel
 * @param {(pixel: Pixel) => void} act
 */
export function hear(channel, act) {
  /** @param {any} event */
  const listener = ({ detail }) => {
    if (detail.channel && detail.channel === channel()) act(detail.pixel);
  };
  document.addEventListener(EVENT, listener);
  return () => document.removeEventListener(EVENT, listener);
}
