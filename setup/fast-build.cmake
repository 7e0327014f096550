# Shortens the compilation of llama-server without touching what the speed of a model hangs on. cmake reads this right after
# llama.cpp's project(); what it does is put off to the end of the configuration, when all targets are there.
#
# - ggml, where a model's time goes, keeps -O3; so does what runs once a token: sampling, grammar, vocabulary, cache, graph, batch.
# - The rest (arguments, HTTP, JSON, images, the builders of 150 architectures) is compiled with -O1.
# - The many small files of image models and chat formats are compiled sixteen at a time, as llama.cpp does with its architectures.
# - The standard headers that nearly every file of the larger targets includes are read once, as a precompiled header.
#
# A cmake before 3.19 can't put anything off; there llama.cpp is compiled as it is.
if(CMAKE_VERSION VERSION_LESS 3.19)
  return()
endif()

function(gpt_oss_keep_optimized target)
  if(TARGET ${target})
    get_target_property(folder ${target} SOURCE_DIR)
    list(TRANSFORM ARGN PREPEND "${folder}/")
    set_source_files_properties(${ARGN} TARGET_DIRECTORY ${target} PROPERTIES COMPILE_OPTIONS -O3 SKIP_PRECOMPILE_HEADERS ON)
  endif()
endfunction()

function(gpt_oss_unite target pattern)
  if(TARGET ${target})
    get_target_property(folder ${target} SOURCE_DIR)
    get_target_property(sources ${target} SOURCES)
    foreach(source ${sources})
      if(NOT source MATCHES ${pattern})
        get_filename_component(path ${source} ABSOLUTE BASE_DIR ${folder})
        set_source_files_properties(${path} TARGET_DIRECTORY ${target} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
      endif()
    endforeach()
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 16)
  endif()
endfunction()

function(gpt_oss_fast_build)
  foreach(target llama llama-common mtmd server-context llama-server-impl cpp-httplib)
    if(TARGET ${target})
      target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-O1>)
    endif()
  endforeach()
  foreach(target llama-common mtmd server-context)
    if(TARGET ${target})
      target_precompile_headers(
        ${target} PRIVATE <algorithm> <functional> <iostream> <map> <memory> <regex> <set> <sstream> <string> <unordered_map> <vector>)
    endif()
  endforeach()
  gpt_oss_unite(mtmd "models/[^/]*\\.cpp$")
  gpt_oss_unite(llama-common "parsers/[^/]*\\.cpp$")
  gpt_oss_keep_optimized(
    llama llama-batch.cpp llama-context.cpp llama-grammar.cpp llama-graph.cpp llama-kv-cache.cpp llama-kv-cache-iswa.cpp llama-sampler.cpp
    llama-vocab.cpp unicode.cpp)
  gpt_oss_keep_optimized(llama-common sampling.cpp)
endfunction()
cmake_language(DEFER CALL gpt_oss_fast_build)
