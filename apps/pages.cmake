# Writes the man page and the completions of the app NAME, the program APP, below PAGES.
function(write_page file)
  execute_process(COMMAND ${APP} ${ARGN} OUTPUT_FILE ${PAGES}/${file} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

set(ENV{ASAN_OPTIONS} detect_leaks=0)  # as the tests
file(MAKE_DIRECTORY ${PAGES}/man1 ${PAGES}/bash ${PAGES}/zsh)
write_page(man1/${NAME}.1 --man)
write_page(bash/${NAME} --completion bash)
write_page(zsh/_${NAME} --completion zsh)
