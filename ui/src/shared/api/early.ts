/** Answers that were asked for before the page's scripts were there (`ui/public/first.js`): each is taken once, soon. */

declare global {
  interface Window {
    towpathAsked?: Map<string, Promise<Response>>;
  }
}

/** Milliseconds after the page began from which what was asked for then is too old to be drawn from. */
export const TOO_OLD = 10_000;

/** `fetch`, which takes what is asked for already. Whoever shows who they are otherwise than by the browser's cookie asks anew. */
export function withEarly(fetching: typeof fetch, asked: Map<string, Promise<Response>> | undefined, sincePageBegan: () => number): typeof fetch {
  return async (address, init) => {
    const url = address instanceof Request ? address.url : String(address);
    const found = asked?.get(url);
    asked?.delete(url);
    const isPlain = (init?.method ?? "GET") === "GET" && !new Headers(init?.headers).has("Authorization");
    if (found === undefined || !isPlain || sincePageBegan() > TOO_OLD) return await fetching(address, init);
    return await found;
  };
}
