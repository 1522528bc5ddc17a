"""`python -m node.cli`: the program."""

from node.cli.main import main

if __name__ == "__main__":
    main()
