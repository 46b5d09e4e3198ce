"""Promotion windows: the times in which promotions are let into Stages, or kept out (`docs/reference/promotion-windows.md`).

`recurrence_rule` is how something recurs, `recurrence` reads the times of one window, `active_times` keeps and joins them;
`calendar` says what all windows together mean for a Stage, `written` what is wrong with them as they are written.
"""
