"""What is decided about Applications of Argo CD: pure rules over the documents as the API gives them.

`application` is the one reader of such a document. Who may change one is `authorization`; which are meant, `selectors`. What
a Promotion wants of one is `desired_revisions` and `sources`, whether it has it already `update_verdict`, what is sent
`operation`. `wait_verdict` and `health` judge what came of it, `revision_match` whether a revision is the wanted one,
`sync_windows` when a sync may begin, and `drift` whether something else is there than was promoted.
"""
