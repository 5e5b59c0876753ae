// @ts-check
// A helper of the core: what the core has compiled comes with the first message, and is not compiled again.

import init from "../../worker.js";

// An error that nobody catches is what the owner hears of.
addEventListener("message", ({ data }) => init({ module_or_path: data }).catch(reportError), { once: true });
