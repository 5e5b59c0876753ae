// The build copies signals from node_modules to vendor/; their types stay where npm puts them.
declare module "*/vendor/signals-core.module.js" {
  export * from "@preact/signals-core";
}
