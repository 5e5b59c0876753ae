// The build copies uPlot from node_modules to vendor/; its types stay where npm puts them.
declare module "*/vendor/uPlot.esm.js" {
  export { default } from "uplot";
}
