// @ts-check
// Before the first paint, lest a dark page flash light: no module, for those wait. scheme.js has the rest.

try {
  const { scheme } = JSON.parse(localStorage.getItem("fledgling.preferences") ?? "{}");
  const media = { light: "not all", dark: "all" }[/** @type {"light"} */ (scheme)];
  if (media) document.getElementById("dark")?.setAttribute("media", media);
} catch {
  // No storage here, or not ours: the system's scheme it is.
}
