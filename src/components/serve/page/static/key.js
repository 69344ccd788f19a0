// The key of this tab, where the server asks for one, and requests that carry it.

const NAME = "components-key";

export const key = () => sessionStorage.getItem(NAME);
export const keep = (text) => sessionStorage.setItem(NAME, text);
export const forget = () => sessionStorage.removeItem(NAME);

export function ask(address, { headers = {}, ...options } = {}) {
  const own = key() ? { "X-API-Key": key() } : {};
  return fetch(address, { ...options, headers: { ...own, ...headers }, credentials: "omit" });
}

// A view as a document of its own: the server's templates made it, and nothing in it runs.
export async function askForPage(address, options = {}) {
  const headers = { Accept: "text/html", "X-Part": "1", ...options.headers };
  const response = await ask(address, { ...options, headers });
  return new DOMParser().parseFromString(await response.text(), "text/html");
}
