"""The machinery of reconciling, no kind named: work queue, controller, manager (docs/explanation/reconciling.md)."""
