def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true",
                     help="write what the program prints into the golden files of tests/cli")
