"""Telling people: which event of a case is told, when, in which words (DESIGN "Notices"; R35). Pure."""
