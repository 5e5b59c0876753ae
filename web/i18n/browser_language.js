// @ts-check
// uPlot formats a number in the browser's language as it is loaded, and ends there where that is no language: WebKit under the
// C locale calls it "C". Imported before uPlot.

try {
  new Intl.NumberFormat(navigator.language);
} catch {
  Object.defineProperty(navigator, "language", { value: "en", configurable: true });
}
