/** What is shown, kept in the address's fragment, so that it can be shared and gone back from. */

const DEFAULTS = {
  view: "map", persona: "", a: "", b: "", colour: "persona", hide: "", select: "", brush: "",
  q: "", tweet: "", zoom: "",
};

/** @type {Record<string, string>} */
export const state = { ...DEFAULTS };
/** @type {((changed: Set<string>) => void)[]} */
const listeners = [];

export const listen = (/** @type {(changed: Set<string>) => void} */ run) => listeners.push(run);

/** Read the fragment, or the path as a server gives it (`/personas/P01`). */
export function read() {
  const given = new URLSearchParams(location.hash.slice(1));
  const named = /\/personas\/([^/]+)$/.exec(location.pathname);
  if (named && !location.hash && location.protocol !== "file:") {
    given.set("view", "persona");
    given.set("persona", decodeURIComponent(named[1]));
  }
  change(Object.fromEntries(Object.entries(DEFAULTS).map(([k, v]) => [k, given.get(k) ?? v])));
}

/** Change what is shown; `replace` leaves no step to go back to. */
export function go(/** @type {Record<string, string>} */ patch, replace = false) {
  const kept = Object.entries({ ...state, ...patch }).filter(
    ([k, v]) => v !== /** @type {any} */ (DEFAULTS)[k],
  );
  const hash = `#${new URLSearchParams(kept)}`;
  if (hash !== location.hash) {
    if (replace) history.replaceState(null, "", hash);
    else history.pushState(null, "", hash);
  }
  change(patch);
}

function change(/** @type {Record<string, string>} */ patch) {
  const changed = new Set(Object.keys(patch).filter((k) => state[k] !== patch[k]));
  Object.assign(state, patch);
  if (changed.size) for (const run of listeners) run(changed);
}

/** A link to something else on the page. */
export function href(/** @type {Record<string, string>} */ patch) {
  const kept = Object.entries({ ...DEFAULTS, colour: state.colour, ...patch }).filter(
    ([k, v]) => v !== /** @type {any} */ (DEFAULTS)[k],
  );
  return `#${new URLSearchParams(kept)}`;
}

export const isDark = () => {
  const set = document.documentElement.dataset.theme;
  return set ? set === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
};
