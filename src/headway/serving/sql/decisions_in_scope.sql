-- Every decision that was looked at, with its use case and whether it lies in the scope, and a view of those that do.
-- Grain: one row a decision. Inputs: decisions (id, at_us, environment, deployment, release, arm, score, band, action),
-- inputs (id, subject), releases (release, way), singles (id, way), names (environment, deployment, since_us, until_us,
-- usecase, department, is_whole, way); times are microseconds since 1970 in UTC. The times of one name leave no gap and never overlap.
-- found_by_*: what leads to the decision by its release, by its deployment, by itself; several may.
-- $SUBJECT: the column of subjects, or nothing where they may not be seen.
create temp table placed as
select
    d.*,
    $SUBJECT as subject,
    n.usecase,
    n.department,
    r.way as found_by_release,
    case when n.is_whole then n.way end as found_by_deployment,
    s.way as found_by_decision,
    r.release is not null or s.id is not null or coalesce(n.is_whole, false) as is_affected
from decisions d
left join releases r on r.release = d.release
left join singles s on s.id = d.id
left join names n
    on n.environment = d.environment and n.deployment = d.deployment
    and (n.since_us is null or d.at_us >= n.since_us) and (n.until_us is null or d.at_us < n.until_us)
left join inputs i on i.id = d.id;
create temp view affected as select * from placed where is_affected;
