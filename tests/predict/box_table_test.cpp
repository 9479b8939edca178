#include "predict/box_table.h"

#include "mobireg/core/error.h"
#include "mobireg/core/file.h"
#include "temporary_folder.h"

namespace mobireg {
namespace {

struct BoxFile {
  TemporaryFolder folder;
  std::filesystem::path path = folder.path() / "boxes.csv";

  explicit BoxFile(const std::string& text) { write_file_atomically(path, text); }
};

TEST_CASE("boxes are found by their image's place, whatever path leads there") {
  const BoxFile file("filename,x0,y0,x1,y1\nb.png,1,2,3,4\nsub/a.png,5,6,7,8\nb.png,0,0,9,9\n");
  const BoxTable table(file.path);
  const auto folder = file.folder.path();
  CHECK(table.images() ==
        std::vector<std::filesystem::path>{folder / "b.png", folder / "sub/a.png"});
  const std::vector<FaceBox> boxes = table.boxes_of(folder / "sub/../b.png");
  REQUIRE(boxes.size() == 2);
  CHECK(boxes[0].x0 == 1);
  CHECK(boxes[0].y1 == 4);
  CHECK(boxes[1].x1 == 9);
  CHECK(table.boxes_of(folder / "sub/a.png").size() == 1);
  CHECK(table.boxes_of(folder / "c.png").empty());
}

TEST_CASE("importers' columns are boxes, and a table of landmarks' x0 to y1 are not") {
  const BoxFile file("filename,left,top,right,bottom,x0,y0,x1,y1\na.png,1,2,3,4,0,0,0,0\n");
  const std::vector<FaceBox> boxes = BoxTable(file.path).boxes_of(file.folder.path() / "a.png");
  REQUIRE(boxes.size() == 1);
  CHECK(boxes[0].x1 == 3);
}

TEST_CASE("a table that lacks a column, or has a box without an area, is refused") {
  const BoxFile missing("filename,x0,y0,x1\na.png,1,2,3\n");
  CHECK_THROWS_WITH(BoxTable(missing.path), Catch::Contains("y1"));
  const BoxFile empty("filename,x0,y0,x1,y1\na.png,1,2,3,4\nb.png,5,5,5,9\n");
  CHECK_THROWS_WITH(BoxTable(empty.path),
                    empty.path.string() +
                        ", line 3: the box 5, 5, 5, 9 is no box; left < right and top < bottom "
                        "are needed");
  const BoxFile nan("filename,x0,y0,x1,y1\na.png,1,2,,4\n");
  CHECK_THROWS_WITH(BoxTable(nan.path), Catch::Contains("line 2: the box 1, 2, nan, 4 is no box"));
}

}  // namespace
}  // namespace mobireg
