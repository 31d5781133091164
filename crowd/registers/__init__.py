"""Registers: who is entered under which number, and whether that is valid now. Nouns: register, entry, event.

Operations: grant, suspend, resume, renew, revoke an entry; expire it and remind of its end. A register is data of the
package that owns what an entry means (`registers` in its manifest); nothing here names one. Used by those packages,
whose services check who may, by the keepers of a register on its pages, and by everybody who verifies a number.
"""
