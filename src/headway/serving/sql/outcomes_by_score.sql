-- How right a deployment's scores were: decisions and what became known of them, by the day they were made.
-- Grain: one row a release, day (days since 1970 in UTC) and range of scores, for decisions that have a score.
-- Inputs: decisions (id, at_us, release, score), inputs (id, subject), outcomes (id, decision, outcome, at_us,
-- recorded_at_us); times are microseconds since 1970 in UTC. An outcome that names a subject is of its latest decision
-- before it; of several outcomes about one decision the one that happened last counts.
-- Parameters: $successes and $failures (outcomes in lower case), $rest_fails (whether every other word is a failure),
-- $steps (ranges for each unit of log-odds), $most (the outermost range on either side).
with placed as (
    select d.id, d.at_us, d.release, d.score, i.subject
    from decisions d left join inputs i on i.id = d.id
    where d.score is not null and d.release is not null
),
by_subject as (
    select i.subject, o.id, o.outcome, coalesce(o.at_us, o.recorded_at_us) as at_us, o.recorded_at_us
    from outcomes o join inputs i on i.id = o.id
    where o.decision is null and i.subject is not null
),
told as (
    select decision, id, outcome, coalesce(at_us, recorded_at_us) as at_us, recorded_at_us
    from outcomes
    where decision is not null
    union all
    select p.id as decision, s.id, s.outcome, s.at_us, s.recorded_at_us
    from by_subject s asof join placed p on p.subject = s.subject and p.at_us <= s.at_us
),
latest as (
    select decision, outcome
    from told
    qualify row_number() over (partition by decision order by at_us desc, recorded_at_us desc, id desc) = 1
),
read as (
    select
        p.release,
        p.at_us // 86400000000 as day,
        p.score,
        least($most, greatest(-$most, floor($steps * ln(
            least(greatest(p.score, 1e-9), 1 - 1e-9) / (1 - least(greatest(p.score, 1e-9), 1 - 1e-9))
        ))))::integer as range,
        case
            when list_contains($successes, lower(l.outcome)) then 1
            when list_contains($failures, lower(l.outcome)) then 0
            when try_cast(l.outcome as double) is not null then null
            when $rest_fails and l.outcome is not null then 0
        end as success
    from placed p left join latest l on l.decision = p.id
)
select
    release,
    day,
    range,
    count(*) as decided,
    count(success) as known,
    coalesce(sum(success), 0)::bigint as successes,
    coalesce(sum(score) filter (success is not null), 0.0) as score_sum,
    coalesce(sum(score * (1 - score)) filter (success is not null), 0.0) as variance_sum,
    coalesce(sum((score - success) * (score - success)), 0.0) as squared_error_sum,
    coalesce(sum(power(score - success, 4)), 0.0) as squared_error_squares
from read
group by release, day, range
order by release, day, range
