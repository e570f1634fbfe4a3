/** Elements made from plain values. Text becomes text nodes, so none of it is read as HTML. */

/**
 * Make an element.
 * @param {string} tag
 * @param {Record<string, any>} [props] attributes; `on` holds listeners, `style` CSS properties
 * @param {...any} children elements, texts, or lists of them; null and false are left out
 * @returns {any}
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [event, run] of Object.entries(value)) element.addEventListener(event, run);
    } else if (name === "style") {
      for (const [key, one] of Object.entries(value)) element.style.setProperty(key, String(one));
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(...children.flat(3).filter((c) => c !== null && c !== undefined && c !== false));
  return element;
}

/** Replace what an element holds. */
export function fill(/** @type {Element} */ element, /** @type {any[]} */ ...children) {
  element.replaceChildren(...children.flat(3).filter((c) => c !== null && c !== undefined && c !== false));
}

/** Run a function once things have been quiet for some milliseconds. */
export function debounced(/** @type {Function} */ run, milliseconds = 160) {
  let timer = 0;
  return (/** @type {any[]} */ ...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => run(...args), milliseconds);
  };
}

const NUMBER = new Intl.NumberFormat("en");

/** A count with separators, a share in percent, a figure with two digits. */
export const count = (/** @type {number} */ n) => NUMBER.format(n);
export const percent = (/** @type {number|null} */ share, digits = 0) =>
  share === null || share === undefined ? "unknown" : `${(100 * share).toFixed(digits)}%`;
export const figure = (/** @type {number|null} */ value, digits = 2) =>
  value === null || value === undefined ? "–" : value.toFixed(digits);
export const plural = (/** @type {number} */ n, /** @type {string} */ word) =>
  `${count(n)} ${word}${n === 1 ? "" : "s"}`;

/** Whether motion should be avoided. */
export const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
