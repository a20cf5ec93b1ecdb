"""Opens a letter as Thunderbird does: with its own librnp, by the calls that its RNP.sys.mjs makes.

Usage: librnp.py LIBRNP KEY RELAY SEALED OUT. Prints "signed FINGERPRINT" for each signature that is good.
"""

import ctypes
import sys
from ctypes import byref, c_bool, c_char_p, c_size_t, c_uint32, c_void_p

library, key, relay, sealed, out = sys.argv[1:]
rnp = ctypes.CDLL(library)
PUBLIC, SECRET, PERMISSIVE = 1, 2, 256


def meaning(code):
    rnp.rnp_result_to_string.restype = c_char_p
    return rnp.rnp_result_to_string(c_uint32(code)).decode()


def call(name, *arguments, tolerate=""):
    code = getattr(rnp, name)(*arguments)
    if code and meaning(code) != tolerate:
        sys.exit(f"{name}: {meaning(code)}")


def made(name, *arguments):
    handle = c_void_p()
    call(name, byref(handle), *arguments)
    return handle


def import_keys(ffi, path, flags):
    results = c_void_p()
    call("rnp_import_keys", ffi, made("rnp_input_from_path", path.encode()), c_uint32(flags), byref(results))


def good_signatures(operation):
    count = c_size_t()
    call("rnp_op_verify_get_signature_count", operation, byref(count))
    for index in range(count.value):
        signature, signer, fingerprint = c_void_p(), c_void_p(), c_char_p()
        call("rnp_op_verify_get_signature_at", operation, c_size_t(index), byref(signature))
        if rnp.rnp_op_verify_signature_get_status(signature) == 0:
            call("rnp_op_verify_signature_get_key", signature, byref(signer))
            call("rnp_key_get_fprint", signer, byref(fingerprint))
            yield fingerprint.value.decode()


ffi = made("rnp_ffi_create", b"GPG", b"GPG")
import_keys(ffi, key, PUBLIC | SECRET | PERMISSIVE)
import_keys(ffi, relay, PUBLIC | PERMISSIVE)
document = made("rnp_output_to_memory", c_size_t(0))
operation = made("rnp_op_verify_create", ffi, made("rnp_input_from_path", sealed.encode()), document)
# Thunderbird shows a letter also when its signature is not good; what was signed is asked for below.
call("rnp_op_verify_execute", operation, tolerate="Invalid signature")
content, length = c_void_p(), c_size_t()
call("rnp_output_memory_get_buf", document, byref(content), byref(length), c_bool(False))
with open(out, "wb") as file:
    file.write(ctypes.string_at(content, length.value))
for fingerprint in good_signatures(operation):
    print("signed", fingerprint)
