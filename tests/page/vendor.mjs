// @ts-check
/** Finds what the build copies into vendor/ where npm puts it: `import "./vendor.mjs"` before a module that imports it. */

import { register } from "node:module";

const hooks = `export const resolve = (specifier, context, next) =>
  next(/\\/vendor\\/signals-core/.test(specifier) ? ${JSON.stringify(import.meta.resolve("@preact/signals-core"))} : specifier, context);`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
