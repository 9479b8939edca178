# What Debian wants in a package besides what is installed; cpack runs it before it packs.

# The copyright and the changelog of the package NAME, whose files lie below ROOT.
function(add_documents root name)
  set(documents ${root}/share/doc/${name})
  file(MAKE_DIRECTORY ${documents})
  file(READ ${CPACK_MOBIREG_SOURCE}/LICENSE license)
  file(WRITE ${documents}/copyright "mobireg is under this licence:\n\n${license}")
  string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
  file(WRITE ${documents}/changelog
    "${name} (${CPACK_PACKAGE_VERSION}) unstable; urgency=medium\n\n"
    "  * Built by cpack; CHANGELOG.md of the sources says what is new.\n\n"
    " -- ${CPACK_PACKAGE_CONTACT}  ${date}\n")
  file(CHMOD ${documents}/copyright ${documents}/changelog
       PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
endfunction()

function(compress)
  if(ARGN)
    execute_process(COMMAND gzip -9 -n -f ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
  endif()
endfunction()

set(apps ${CPACK_TEMPORARY_DIRECTORY}/apps/usr)
set(dev ${CPACK_TEMPORARY_DIRECTORY}/dev/usr)
add_documents(${apps} mobireg)
add_documents(${dev} libmobireg-dev)
file(GLOB pages ${apps}/share/man/man1/*.1)
compress(${pages} ${apps}/share/doc/mobireg/changelog ${dev}/share/doc/libmobireg-dev/changelog)
# Where Debian's zsh looks.
file(RENAME ${apps}/share/zsh/site-functions ${apps}/share/zsh/vendor-completions)
