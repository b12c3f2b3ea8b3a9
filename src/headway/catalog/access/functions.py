"""What a statement may be made of, in the words of DuckDB's own parser: everything that is not listed is refused."""

from __future__ import annotations

from typing import Final


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


OPERATORS: Final = _names("+ - * / // % ** ^ || & | << >> ~ ! @ ~~ !~~ ~~* !~~* ~~~ ^@ -> ->> [] not")
AGGREGATES: Final = _names(
    "any_value arg_max arg_min argmax argmin array_agg avg bit_and bit_or bit_xor bool_and bool_or corr count count_if "
    "count_star countif covar_pop covar_samp entropy favg first fsum geomean geometric_mean group_concat histogram "
    "kahan_sum kurtosis kurtosis_pop last list listagg mad max max_by mean median min min_by mode product quantile "
    "quantile_cont quantile_disc regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy "
    "regr_syy sem skewness stddev stddev_pop stddev_samp string_agg sum sumkahan var_pop var_samp variance "
    "approx_count_distinct approx_quantile grouping grouping_id"
)
WINDOWS: Final = _names(
    "row_number rank dense_rank rank_dense percent_rank cume_dist ntile lag lead first_value last_value nth_value fill"
)
SCALARS: Final = _names(
    # numbers
    "abs acos asin atan atan2 cbrt ceil ceiling cos cot degrees even exp factorial floor gamma gcd greatest greatest_common_divisor "
    "isfinite isinf isnan lcm least least_common_multiple lgamma ln log log10 log2 mod multiply add subtract divide "
    "nextafter pi pow power radians round sign signbit sin sqrt tan trunc xor bit_count round_even fdiv fmod "
    # missing values and conditions
    "coalesce ifnull nullif if "
    # text
    "ascii bar base64 chr concat concat_ws contains damerau_levenshtein editdist3 ends_with format formatreadablesize hamming "
    "hash instr jaccard jaro_similarity jaro_winkler_similarity lcase left length len levenshtein like_escape not_like_escape "
    "ilike_escape not_ilike_escape lower lpad ltrim md5 nfc_normalize ord position prefix printf regexp_extract "
    "regexp_extract_all regexp_full_match regexp_matches regexp_replace regexp_split_to_array repeat replace reverse right "
    "rpad rtrim sha256 split split_part starts_with str_split str_split_regex string_split string_split_regex "
    "string_to_array strip_accents strlen strpos substr substring suffix to_base64 translate trim ucase unicode upper url_encode "
    "bit_length array_to_string char_length character_length "
    # dates and times
    "age century date_add date_diff date_part date_sub date_trunc datediff datepart datesub datetrunc day dayname dayofmonth "
    "dayofweek dayofyear decade epoch epoch_ms epoch_ns epoch_us era hour isodow isoyear julian last_day make_date make_time "
    "make_timestamp microsecond millennium millisecond minute month monthname quarter second strftime strptime time_bucket "
    "timezone to_centuries to_days to_decades to_hours to_microseconds to_milliseconds to_minutes to_months to_quarters "
    "to_seconds to_timestamp to_weeks to_years try_strptime week weekday weekofyear year yearweek now current_date today "
    "current_timestamp get_current_timestamp "
    # lists and structs, as results of aggregates
    "array_length cardinality element_at flatten generate_series list_aggregate list_any_value list_avg list_concat list_contains "
    "list_count list_distinct list_element list_extract list_filter list_first list_has list_has_all list_has_any list_last "
    "list_max list_min list_position list_reduce list_reverse list_slice list_sort list_sum list_transform list_unique "
    "list_value list_zip map map_entries map_extract map_keys map_values range row struct_extract struct_extract_at "
    "struct_pack array_extract array_slice array_value array_contains unnest map_from_entries list_append list_prepend "
    # types
    "typeof try_cast"
)
FUNCTIONS: Final = AGGREGATES | WINDOWS | SCALARS
TABLE_FUNCTIONS: Final = _names("unnest range generate_series")

CLASSES: Final = _names(
    "BETWEEN CASE CAST COLUMN_REF COMPARISON CONJUNCTION CONSTANT FUNCTION LAMBDA OPERATOR STAR SUBQUERY WINDOW COLLATE "
    "POSITIONAL_REFERENCE TYPE"
)
"""Kinds of expressions."""
NODES: Final = _names(
    "SELECT_NODE SET_OPERATION_NODE RECURSIVE_CTE_NODE CTE_NODE "  # queries
    "BASE_TABLE SUBQUERY JOIN EMPTY EXPRESSION_LIST TABLE_FUNCTION CROSS_PRODUCT EMPTY_FROM "  # what stands behind FROM
    "ORDER_MODIFIER LIMIT_MODIFIER DISTINCT_MODIFIER LIMIT_PERCENT_MODIFIER"
)
"""Kinds of queries, of what stands behind FROM, and of ORDER BY, LIMIT and DISTINCT."""
