"""What several tests share: data, nets, runs and terminals made for tests."""
