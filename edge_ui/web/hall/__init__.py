"""Pages of window and examiner: workbench, cases."""
