"""The vocabulary that all chat platforms share: texts, cards, forms, commands and calls of them."""
