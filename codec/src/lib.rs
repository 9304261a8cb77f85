//! WBXML: bytes, tokens, events, tree and XML, for Exchange ActiveSync and beyond.
