# الكتابة: ما يساعد عليها.
complete-label = ما قد يكون المقصود
complete-told = { $count ->
    [zero] لا اقتراحات.
    [one] اقتراح واحد. الأسهم تختار، وEnter يأخذه، وEscape يغلق.
    [two] اقتراحان. الأسهم تختار، وEnter يأخذ، وEscape يغلق.
    [few] { $count } اقتراحات. الأسهم تختار، وEnter يأخذ، وEscape يغلق.
    [many] { $count } اقتراحًا. الأسهم تختار، وEnter يأخذ، وEscape يغلق.
   *[other] { $count } اقتراح. الأسهم تختار، وEnter يأخذ، وEscape يغلق.
}
complete-posts = { $count ->
    [zero] لا منشورات
    [one] منشور واحد
    [two] منشوران
    [few] { $count } منشورات
    [many] { $count } منشورًا
   *[other] { $count } منشور
}
