"""The field's nouns and rules: immutable, synchronous, without input or output."""
