"""`python -m symdl.cli` is the command `symdl`."""

from symdl.cli import main

if __name__ == "__main__":
    main()
