// What wasm-bindgen makes of src/bin/worker.rs; write.mjs knows where it lies.
declare module "core" {
  export default function init(options: { module_or_path: ArrayBuffer }): Promise<unknown>;
}
