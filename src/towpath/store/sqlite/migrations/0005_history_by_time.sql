-- What came with a Project from another instance is older than what was recorded here before it, and has higher ids. So
-- history is read in the order of `recorded`, then of ids, and no longer in that of ids alone.
DROP INDEX promotions_by_project;
DROP INDEX promotions_by_stage;
DROP INDEX promotions_by_freight;
CREATE INDEX promotions_by_project ON promotions (project, recorded, id);
CREATE INDEX promotions_by_stage ON promotions (project, stage, recorded, id);
CREATE INDEX promotions_by_freight ON promotions (freight, project, recorded, id);

DROP INDEX verifications_by_project;
DROP INDEX verifications_by_stage;
CREATE INDEX verifications_by_project ON verifications (project, recorded, id);
CREATE INDEX verifications_by_stage ON verifications (project, stage, recorded, id);

DROP INDEX occupancies_by_project;
DROP INDEX occupancies_by_stage;
DROP INDEX occupancies_by_freight;
CREATE INDEX occupancies_by_project ON occupancies (project, recorded, id);
CREATE INDEX occupancies_by_stage ON occupancies (project, stage, recorded, id);
CREATE INDEX occupancies_by_freight ON occupancies (freight, project, recorded, id);

DROP INDEX approvals_by_project;
DROP INDEX approvals_by_stage;
DROP INDEX approvals_by_freight;
CREATE INDEX approvals_by_project ON approvals (project, recorded, id);
CREATE INDEX approvals_by_stage ON approvals (project, stage, recorded, id);
CREATE INDEX approvals_by_freight ON approvals (freight, project, recorded, id);
