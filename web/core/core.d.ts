// What wasm-bindgen makes of src/bin/worker.rs; it stands beside web/ where the page is built.
declare module "*/worker.js" {
  export default function init(options: { module_or_path: WebAssembly.Module }): Promise<unknown>;
}
