"""From a draft to a case, and the files of both."""
