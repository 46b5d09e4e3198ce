// What does not wait for the scripts of the page. A file of its own, because no script stands in a page.

// Before the first paint: the theme that was chosen, else that of the system.
(function () {
  var chosen = null;
  try {
    chosen = JSON.parse(localStorage.getItem("towpath.theme"));
  } catch {
    chosen = null;
  }
  var dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();

// The documents that the first screen is drawn from: they come while scripts do, and are taken by whoever asks for them first
// (src/shared/api/early.ts). What nobody takes is lost.
(function () {
  var base = document.baseURI;
  var place = location.href.slice(base.length).split(/[?#]/)[0];
  var project = /^p\/([^/]+)/.exec(place);
  var paths = ["towpath/v1/session", "towpath/v1/me/inbox"];
  if (project !== null) paths.push("towpath/v1/projects/" + project[1] + "/board");
  else if (place === "") paths.push("towpath/v1/overview?limit=200");
  var asked = new Map();
  paths.forEach(function (path) {
    var url = new URL(path, base).href;
    var answer = fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin", cache: "no-cache" });
    answer.catch(function () {
      // Whoever takes it is told.
    });
    asked.set(url, answer);
  });
  window.towpathAsked = asked;
})();
