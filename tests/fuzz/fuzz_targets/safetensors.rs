#![no_main]
fledgling_fuzz::target!(fledgling_fuzz::readers::safetensors);
