"""Commands about verifications, and the bench for AnalysisTemplates."""
