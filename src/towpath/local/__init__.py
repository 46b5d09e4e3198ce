"""What commands do without a server.

On a data directory: backup, restore and rotation of its key, and looks at it. Beside one: evaluating expressions, trying
AnalysisTemplates out, archives of Projects, and reading the objects of Kargo's that become one.
"""
