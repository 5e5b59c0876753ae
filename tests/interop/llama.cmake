# llama-cpp-python asks for this in every case, and uses none of it: half of the build.
set(LLAMA_BUILD_COMMON OFF)
