from services.trainer.segments.group_count import GroupCountScore, choose


def test_the_last_number_that_improves_is_chosen() -> None:
    single = GroupCountScore(1, 1.0, 0.0)
    weak = GroupCountScore(2, 0.5, None)
    strong, finer = GroupCountScore(3, 0.9, 0.5), GroupCountScore(4, 0.9, 0.51)
    assert choose([single]) == single
    assert choose([single, weak, strong, finer]) == strong
    assert choose([single, GroupCountScore(2, 0.95, 0.05)]) == single
